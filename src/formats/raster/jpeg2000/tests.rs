//! What JPEG 2000 intake promises, on files that OpenJPEG 2.5.0 wrote.

use proptest::prelude::*;

use super::*;
