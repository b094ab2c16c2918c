//! How numbers, texts and lists are packed.

use super::UnpackError;
use super::read::Reader;
use super::write::Writer;

/// A value that can be packed. Every value takes a byte at least.
pub(super) trait Pack<'a>: Copy + 'a {
    fn write(&self, out: &mut Writer<'_>);
    fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError>;

    fn write_list(items: &[Self], out: &mut Writer<'_>) {
        out.number(items.len() as u64);
        for item in items {
            item.write(out);
        }
    }

    fn read_list(input: &mut Reader<'a, '_>) -> Result<&'a [Self], UnpackError> {
        input.list()
    }
}

/// Numbers of as many bytes as they need.
macro_rules! pack_number {
    ($($number:ident),*) => {$(
        impl<'a> Pack<'a> for $number {
            #[allow(clippy::cast_lossless, reason = "there is no `From` for `usize`")]
            fn write(&self, out: &mut Writer<'_>) {
                out.number(*self as u64);
            }

            #[inline]
            fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
                Self::try_from(input.number()?).map_err(|_| UnpackError::Malformed)
            }
        }
    )*};
}

pack_number!(u16, u32, usize);

/// Numbers that are all bytes of theirs.
macro_rules! pack_bytes {
    ($($number:ident),*) => {$(
        impl<'a> Pack<'a> for $number {
            fn write(&self, out: &mut Writer<'_>) {
                out.bytes(&self.to_le_bytes());
            }

            fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
                let bytes = input.bytes(size_of::<Self>())?;
                let bytes = bytes.try_into().map_err(|_| UnpackError::Malformed)?;
                Ok(Self::from_le_bytes(bytes))
            }
        }
    )*};
}

pack_bytes!(i32, i64, i128, u128);

/// One is as long as it needs to be; in lists, which are sets of bits, all are of eight bytes.
impl<'a> Pack<'a> for u64 {
    fn write(&self, out: &mut Writer<'_>) {
        out.number(*self);
    }

    fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
        input.number()
    }

    fn write_list(items: &[Self], out: &mut Writer<'_>) {
        out.number(items.len() as u64);
        for item in items {
            out.bytes(&item.to_le_bytes());
        }
    }

    fn read_list(input: &mut Reader<'a, '_>) -> Result<&'a [Self], UnpackError> {
        input.words()
    }
}

/// Lists of bytes stand with all others, each once.
impl<'a> Pack<'a> for u8 {
    fn write(&self, out: &mut Writer<'_>) {
        out.byte(*self);
    }

    fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
        input.byte()
    }

    fn write_list(items: &[Self], out: &mut Writer<'_>) {
        out.string(items);
    }

    fn read_list(input: &mut Reader<'a, '_>) -> Result<&'a [Self], UnpackError> {
        input.string()
    }
}

impl<'a> Pack<'a> for bool {
    fn write(&self, out: &mut Writer<'_>) {
        out.byte((*self).into());
    }

    fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
        match input.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(UnpackError::Malformed),
        }
    }
}

impl<'a> Pack<'a> for &'a str {
    fn write(&self, out: &mut Writer<'_>) {
        out.text(self);
    }

    fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
        input.text()
    }
}

impl<'a, T: Pack<'a>> Pack<'a> for &'a [T] {
    fn write(&self, out: &mut Writer<'_>) {
        T::write_list(self, out);
    }

    fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
        T::read_list(input)
    }
}

impl<'a, T: Pack<'a>> Pack<'a> for &'a T {
    fn write(&self, out: &mut Writer<'_>) {
        T::write(self, out);
    }

    fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
        input.boxed()
    }
}

impl<'a, T: Pack<'a>> Pack<'a> for [T; 2] {
    fn write(&self, out: &mut Writer<'_>) {
        for item in *self {
            item.write(out);
        }
    }

    fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
        Ok([T::read(input)?, T::read(input)?])
    }
}

impl<'a> Pack<'a> for [u8; 256] {
    fn write(&self, out: &mut Writer<'_>) {
        out.string(self);
    }

    fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
        input.string()?.try_into().map_err(|_| UnpackError::Malformed)
    }
}

impl<'a, A: Pack<'a>, B: Pack<'a>> Pack<'a> for (A, B) {
    fn write(&self, out: &mut Writer<'_>) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
        Ok((A::read(input)?, B::read(input)?))
    }
}

impl<'a, T: Pack<'a>> Pack<'a> for Option<T> {
    fn write(&self, out: &mut Writer<'_>) {
        self.is_some().write(out);
        if let Some(value) = self {
            value.write(out);
        }
    }

    fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
        if bool::read(input)? { T::read(input).map(Some) } else { Ok(None) }
    }
}
