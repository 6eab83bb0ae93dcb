//! Recognize: words with boxes and confidence.
