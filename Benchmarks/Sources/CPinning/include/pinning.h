#pragma once

/// Keeps the calling thread, and those it starts from now on, on one processor. False when that was refused.
_Bool pinning_to_processor(int processor);
