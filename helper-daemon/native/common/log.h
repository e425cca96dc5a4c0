// JSON lines on stderr, the log format of all parts of the helper.
#pragma once

#include <string>
#include <string_view>

namespace berth {

enum class LogLevel { kInfo, kWarn, kError };

// Names the writing component ("warden", "monitor") and the object all its lines speak of ("" = none; a
// container's id).
void log_as(std::string_view component, std::string_view container);

// Writes {"time","level","component","container"?,"message"} as one line. A failed write is ignored: there is
// nowhere to report it.
void log_line(LogLevel level, std::string_view message);

}  // namespace berth
