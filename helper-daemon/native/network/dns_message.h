// The parts of a DNS message (RFC 1035) that a small name server has to understand: header, one question,
// answers of its own.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::network {

constexpr uint16_t kTypeA = 1;
constexpr uint16_t kTypePtr = 12;
constexpr uint16_t kClassIn = 1;

enum class ResponseCode : uint8_t { kNoError = 0, kFormatError = 1, kServerFailure = 2 };

struct Question {
  uint16_t id = 0;
  std::string name;  // lower case, without the final dot
  uint16_t type = 0;
  uint16_t klass = 0;
  std::string raw;  // the question section as it came, to be sent back
  bool recursion_desired = false;
};

// Nothing if it is no query with exactly one question.
std::optional<Question> parse_question(std::string_view message);

// "2.0.0.10.in-addr.arpa" → "10.0.0.2".
std::optional<std::string> address_of_reverse_name(const std::string& name);

// Whether `response` answers `query`: same id, same question, and a response at all.
bool answers(std::string_view response, std::string_view query);

uint16_t message_id(std::string_view message);
void set_message_id(std::string& message, uint16_t id);

// Responses. `limit` bounds the size: what does not fit is left out and the truncation bit set.
std::string empty_response(const Question& question, ResponseCode code);
std::string address_response(const Question& question, const std::vector<in_addr>& addresses, size_t limit);
std::string name_response(const Question& question, const std::string& name);

}  // namespace berth::network
