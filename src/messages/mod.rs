//! Words for people, apart from code: for each code *what happened* and *what to do*.
//!
//! Vietnamese first, English beside it. They lie below the terminal and not in
//! it, because the record of a dossier that was set aside must speak to whoever
//! opens it, not only to whoever watched the run.
