//! From syntax tree to checked query: fields, types, arity, constants folded, leaves separated.
