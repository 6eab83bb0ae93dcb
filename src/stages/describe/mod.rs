//! Describe: which type of document this is and what its fields say, with evidence.
