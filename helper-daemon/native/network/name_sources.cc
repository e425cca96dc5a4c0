#include "network/name_sources.h"

#include <cctype>

#include "network/ipv4.h"

namespace berth::network {

namespace {

constexpr uint16_t kDnsPort = 53;
constexpr size_t kMaxServers = 3;

std::vector<std::vector<std::string>> words_by_line(const std::string& text) {
  std::vector<std::vector<std::string>> lines(1);
  std::string word;
  bool comment = false;
  for (char c : text + "\n") {
    if (c == '#' || c == ';') comment = true;
    const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if ((blank || comment) && !word.empty()) lines.back().push_back(std::exchange(word, {}));
    if (!blank && !comment) word.push_back(c);
    if (c == '\n') {
      comment = false;
      if (!lines.back().empty()) lines.emplace_back();
    }
  }
  return lines;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

void NamesFile::refresh() {
  auto text = file_.changed();
  if (!text.has_value()) return;
  addresses_.clear();
  names_.clear();
  for (const auto& words : words_by_line(*text)) {
    if (words.size() < 2) continue;
    auto address = parse_ipv4(words[0]);
    if (!address.ok()) continue;
    names_.try_emplace(words[0], words[1]);
    for (size_t i = 1; i < words.size(); ++i) addresses_[lower(words[i])].push_back(*address);
  }
}

const std::vector<in_addr>* NamesFile::addresses(const std::string& name) {
  refresh();
  auto found = addresses_.find(name);
  return found == addresses_.end() ? nullptr : &found->second;
}

const std::string* NamesFile::name(const std::string& ip) {
  refresh();
  auto found = names_.find(ip);
  return found == names_.end() ? nullptr : &found->second;
}

Upstreams::Upstreams(const std::vector<std::string>& fixed)
    : follow_host_(fixed.empty()), file_("/etc/resolv.conf") {
  for (const std::string& text : fixed) {
    auto address = socket_address(text, kDnsPort);
    if (address.has_value() && servers_.size() < kMaxServers) servers_.push_back(*address);
  }
}

const std::vector<SocketAddress>& Upstreams::servers() {
  auto text = follow_host_ ? file_.changed() : std::nullopt;
  if (!text.has_value()) return servers_;
  servers_.clear();
  for (const auto& words : words_by_line(*text)) {
    if (words.size() < 2 || words[0] != "nameserver" || servers_.size() >= kMaxServers) continue;
    auto address = socket_address(words[1], kDnsPort);
    if (address.has_value()) servers_.push_back(*address);
  }
  return servers_;
}

}  // namespace berth::network
