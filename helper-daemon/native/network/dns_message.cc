#include "network/dns_message.h"

#include <cctype>

#include "network/ipv4.h"

namespace berth::network {

namespace {

constexpr size_t kHeader = 12;
constexpr size_t kMaxName = 255;
// As Docker's name server.
constexpr uint32_t kTimeToLive = 600;
constexpr uint16_t kResponse = 0x8000;
constexpr uint16_t kTruncated = 0x0200;
constexpr uint16_t kRecursionDesired = 0x0100;
constexpr uint16_t kRecursionAvailable = 0x0080;

uint16_t read16(std::string_view bytes, size_t at) {
  return static_cast<uint16_t>((static_cast<unsigned char>(bytes[at]) << 8) |
                               static_cast<unsigned char>(bytes[at + 1]));
}

void put16(std::string& out, uint16_t value) {
  out.push_back(static_cast<char>(value >> 8));
  out.push_back(static_cast<char>(value & 0xff));
}

void put32(std::string& out, uint32_t value) {
  put16(out, static_cast<uint16_t>(value >> 16));
  put16(out, static_cast<uint16_t>(value & 0xffff));
}

// The uncompressed name at `at`, which moves behind it.
std::optional<std::string> read_name(std::string_view message, size_t& at) {
  std::string name;
  for (;;) {
    if (at >= message.size()) return std::nullopt;
    const size_t length = static_cast<unsigned char>(message[at++]);
    if (length == 0) return name;
    // A query's own name needs no compression, and nobody's resolver uses it there.
    if (length > 63 || at + length > message.size() || name.size() + length + 1 > kMaxName)
      return std::nullopt;
    if (!name.empty()) name += '.';
    for (size_t i = 0; i < length; ++i) {
      name.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(message[at + i]))));
    }
    at += length;
  }
}

std::string start_response(const Question& question, ResponseCode code, uint16_t answer_count,
                           bool truncated) {
  std::string out;
  put16(out, question.id);
  put16(out, static_cast<uint16_t>(kResponse | kRecursionAvailable |
                                   (question.recursion_desired ? kRecursionDesired : 0) |
                                   (truncated ? kTruncated : 0) | static_cast<uint16_t>(code)));
  put16(out, question.raw.empty() ? 0 : 1);
  put16(out, answer_count);
  put32(out, 0);  // no authority, no additional records
  return out + question.raw;
}

void put_answer_header(std::string& out, uint16_t type, size_t size) {
  put16(out, 0xc000 | kHeader);  // the question's name
  put16(out, type);
  put16(out, kClassIn);
  put32(out, kTimeToLive);
  put16(out, static_cast<uint16_t>(size));
}

}  // namespace

std::optional<Question> parse_question(std::string_view message) {
  if (message.size() < kHeader) return std::nullopt;
  const uint16_t flags = read16(message, 2);
  const bool query = (flags & kResponse) == 0 && ((flags >> 11) & 15) == 0;
  if (!query || read16(message, 4) != 1) return std::nullopt;
  size_t at = kHeader;
  auto name = read_name(message, at);
  if (!name.has_value() || at + 4 > message.size()) return std::nullopt;
  Question question;
  question.id = read16(message, 0);
  question.name = *name;
  question.type = read16(message, at);
  question.klass = read16(message, at + 2);
  question.raw = message.substr(kHeader, at + 4 - kHeader);
  question.recursion_desired = (flags & kRecursionDesired) != 0;
  return question;
}

std::optional<std::string> address_of_reverse_name(const std::string& name) {
  constexpr std::string_view kSuffix = ".in-addr.arpa";
  if (!name.ends_with(kSuffix)) return std::nullopt;
  auto reversed = parse_ipv4(name.substr(0, name.size() - kSuffix.size()));
  if (!reversed.ok()) return std::nullopt;
  return ipv4_text(in_addr{__builtin_bswap32(reversed->s_addr)});
}

uint16_t message_id(std::string_view message) {
  return read16(message, 0);
}

void set_message_id(std::string& message, uint16_t id) {
  message[0] = static_cast<char>(id >> 8);
  message[1] = static_cast<char>(id & 0xff);
}

bool answers(std::string_view response, std::string_view query) {
  if (response.size() < kHeader || query.size() < kHeader) return false;
  if (message_id(response) != message_id(query) || (read16(response, 2) & kResponse) == 0) return false;
  // Some servers leave the question out when they refuse.
  if (read16(response, 4) == 0) return (read16(response, 2) & 15) != 0;
  size_t in_response = kHeader;
  size_t in_query = kHeader;
  auto answered = read_name(response, in_response);
  auto asked = read_name(query, in_query);
  if (!answered.has_value() || answered != asked) return false;
  return in_response + 4 <= response.size() && in_query + 4 <= query.size() &&
         response.substr(in_response, 4) == query.substr(in_query, 4);
}

std::string empty_response(const Question& question, ResponseCode code) {
  return start_response(question, code, 0, false);
}

std::string address_response(const Question& question, const std::vector<in_addr>& addresses, size_t limit) {
  constexpr size_t kAnswer = 16;
  const size_t room = (limit - kHeader - question.raw.size()) / kAnswer;
  const size_t count = std::min(addresses.size(), room);
  std::string out = start_response(question, ResponseCode::kNoError, static_cast<uint16_t>(count),
                                   count < addresses.size());
  for (size_t i = 0; i < count; ++i) {
    put_answer_header(out, kTypeA, sizeof(in_addr));
    out.append(reinterpret_cast<const char*>(&addresses[i]), sizeof(in_addr));
  }
  return out;
}

std::string name_response(const Question& question, const std::string& name) {
  std::string encoded;
  for (size_t at = 0; at <= name.size();) {
    const size_t dot = std::min(name.find('.', at), name.size());
    if (dot > at) {
      const std::string label = name.substr(at, std::min<size_t>(dot - at, 63));
      encoded.push_back(static_cast<char>(label.size()));
      encoded += label;
    }
    at = dot + 1;
  }
  encoded.push_back('\0');
  std::string out = start_response(question, ResponseCode::kNoError, 1, false);
  put_answer_header(out, kTypePtr, encoded.size());
  return out + encoded;
}

}  // namespace berth::network
