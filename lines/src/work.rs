//! Loops over pixels and numbers, compiled for the processor that runs them.

use crate::lstm::kernels::{Kernel, Portable};

/// Loops that the compiler makes vectors of. No closure: whether one is compiled for the processor of the function
/// that calls it, or for any, is the compiler's choice and was seen to change with code that has nothing to do with it.
pub trait Work {
    /// Does it. To be marked `inline(always)`, with all that it calls.
    fn work(self);
}

/// Does `work` compiled for this machine's processor: with registers twice as wide where it has AVX2. On AArch64 there is
/// nothing to choose, all is compiled for NEON there. Whole numbers come out alike on all of them, and so do floating ones, whose steps no compiler fuses or reorders.
pub fn on_this_processor(work: impl Work) {
    #[cfg(target_arch = "x86_64")]
    if let Some(kernel) = crate::lstm::kernels::Avx2::new() {
        return kernel.run(work);
    }
    Portable.run(work);
}
