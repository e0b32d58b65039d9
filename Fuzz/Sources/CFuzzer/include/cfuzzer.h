/// What Swift cannot import: libFuzzer's entry, and AddressSanitizer's notes of what is allocated.
#ifndef CFUZZER_H
#define CFUZZER_H

#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer with the arguments of its command line. Gives each input to `body`, which returns 0.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*body)(const uint8_t *bytes, size_t count));

/// Begins to watch allocations. Once for the process.
void cfuzzer_watch(void);
/// Forgets what was allocated so far.
void cfuzzer_reset(void);
/// The most bytes that were live at once since the last reset, those from before it left out.
int64_t cfuzzer_peak(void);
/// The bytes that are live still.
int64_t cfuzzer_live(void);
/// The largest allocation since the last reset.
size_t cfuzzer_largest(void);

/// Says what is wrong and ends the process, so that libFuzzer saves the input.
_Noreturn void cfuzzer_fail(const char *text);

#endif
