//! THE AUDITOR: proves a package from its bytes. Imports no stage; builds without recognition.
