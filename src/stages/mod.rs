//! THE ROAD, one module a stage; no stage imports another. `run::road` calls them in order.

pub mod assemble;
pub mod clean;
pub mod compare;
pub mod cut;
pub mod describe;
pub mod intake;
pub mod package;
pub mod recognize;
pub mod seal;
pub mod split;
