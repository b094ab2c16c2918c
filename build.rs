//! Rebuilds the command when a rule is added or deleted, and lists its rule files for it.

fn main() {
    #[cfg(feature = "cli")]
    {
        kiln_build::watch(["rules/**/*.toml", "rules/**/*.yml"]);
        files::write();
    }
}

/// The shipped rule files as a table of paths and contents, so that they can be loaded again with exceptions.
#[cfg(feature = "cli")]
mod files {
    use std::fmt::Write as _;
    use std::path::{Path, PathBuf};
    use std::{env, fs};

    pub(crate) fn write() {
        let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
        let mut paths = Vec::new();
        add(&root.join("rules"), &mut paths);
        paths.sort();
        let mut code = String::from("&[\n");
        for path in paths {
            let shown = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            writeln!(code, "    ({shown:?}, include_bytes!({:?})),", path.to_string_lossy())
                .expect("a string can be written to");
        }
        code.push_str("]\n");
        let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
        fs::write(out.join("rule_files.rs"), code).expect("OUT_DIR is writable");
    }

    fn add(folder: &Path, paths: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                add(&path, paths);
            } else if path.extension().is_some_and(|ending| ending == "toml" || ending == "yml") {
                paths.push(path);
            }
        }
    }
}
