#include "common/log.h"

#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace berth {

namespace {

// Set once when a process takes up its role; a process has one role.
std::string& component() {
  static std::string name = "warden";
  return name;
}
std::string& container() {
  static std::string id;
  return id;
}

void append_json(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
      out += escape.data();
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

void log_as(std::string_view component_name, std::string_view container_id) {
  component() = component_name;
  container() = container_id;
}

void log_line(LogLevel level, std::string_view message) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  std::array<char, 32> date{};
  size_t n = ::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(date.data() + n, date.size() - n, ".%03ldZ", now.tv_nsec / 1000000);
  std::string line = "{\"time\":\"";
  line += date.data();
  line += "\",\"level\":\"";
  line += level == LogLevel::kInfo ? "info" : level == LogLevel::kWarn ? "warn" : "error";
  line += "\",\"component\":";
  append_json(line, component());
  if (!container().empty()) {
    line += ",\"container\":";
    append_json(line, container());
  }
  line += ",\"message\":";
  append_json(line, message);
  line += "}\n";
  [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace berth
