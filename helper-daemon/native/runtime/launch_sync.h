// The private conversation between the monitor and a container's (or exec's) first process, one packet a
// word.
#pragma once

#include <cstdint>
#include <string>

#include "common/descriptor_passing.h"
#include "common/result.h"

namespace berth::runtime {

// monitor → process: ids are mapped; go and build.
inline constexpr char kSyncMapped = 'm';
// monitor → process: its control groups are joined.
inline constexpr char kSyncJoined = 'j';
// process → monitor: everything is in place; with the tty's master as descriptor, if any, and the uid as
// value.
inline constexpr char kSyncReady = 'r';
// monitor → process: execute.
inline constexpr char kSyncStart = 's';
// process → monitor: what follows is execve; then the end of the stream means that it succeeded.
inline constexpr char kSyncExecuting = 'x';
// process → monitor: it failed; the Error follows.
inline constexpr char kSyncError = 'e';

struct SyncWord {
  char word = 0;  // 0: the other side is gone
  uint32_t value = 0;
  Error error;
  UniqueFd fd;
};

Status send_word(int socket, char word, int fd = -1, uint32_t value = 0);
Status send_error(int socket, const Error& error);
Result<SyncWord> receive_word(int socket);

// Waits for `word`; an Error that arrives instead is returned, and so is the other side's end.
Result<UniqueFd> expect_word(int socket, char word, const std::string& whose);

}  // namespace berth::runtime
