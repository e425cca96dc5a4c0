// libFuzzer: any bytes as a container's name query.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "network/dns_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth::network;
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  auto question = parse_question(message);
  if (!question.has_value()) return 0;
  address_of_reverse_name(question->name);
  const std::string response = address_response(*question, std::vector<in_addr>(100), 512);
  // What we answer answers what was asked, within the size that was asked for.
  if (response.size() > 512 || !answers(response, message)) std::abort();
  if (!answers(name_response(*question, question->name), message)) std::abort();
  return 0;
}
