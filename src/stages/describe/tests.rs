//! Tests of the describing rules.
