/* lock_down.h - a process that reads what strangers sent gives up what it does not need for that. */
#pragma once

/* No file can be opened any more, nothing written but to what is open, a minute of processor time and so much memory at
 * most. What this kernel cannot do is left out. */
void lock_down(long long memory_bytes);
