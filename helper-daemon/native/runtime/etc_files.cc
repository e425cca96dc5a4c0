#include "runtime/etc_files.h"

#include <fcntl.h>

#include <sstream>

#include "common/file.h"

namespace berth::runtime {

namespace {

constexpr size_t kMaxHostFile = 1 << 20;

std::string host_file(const char* path) {
  auto text = read_file_at(AT_FDCWD, path, kMaxHostFile);
  return text.ok() ? text.take() : std::string();
}

// The lines of the host's file that begin with `key`.
std::string lines_of(const std::string& text, const std::string& key) {
  std::string found;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line))
    if (line.rfind(key + " ", 0) == 0 || line.rfind(key + "\t", 0) == 0) found += line + "\n";
  return found;
}

std::string joined(const char* key, const std::vector<std::string>& values) {
  std::string line = key;
  for (const auto& value : values) line += " " + value;
  return line + "\n";
}

}  // namespace

std::string hosts_file(const Plan& plan) {
  std::string text;
  if (plan.net_mode == 2) {
    text = host_file("/etc/hosts");
    if (!text.empty() && text.back() != '\n') text += '\n';
  } else {
    text =
        "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost "
        "ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\n"
        "ff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";
  }
  for (const auto& [ip, name] : plan.extra_hosts) text += ip + "\t" + name + "\n";
  if (plan.net_mode == 0 && !plan.ip.empty() && !plan.hostname.empty()) {
    text += plan.ip + "\t";
    if (!plan.domainname.empty()) text += plan.hostname + "." + plan.domainname + " ";
    text += plan.hostname + "\n";
  }
  return text;
}

std::string hostname_file(const Plan& plan) {
  return plan.hostname + "\n";
}

std::string resolv_conf_file(const Plan& plan) {
  std::string host = host_file("/etc/resolv.conf");
  std::string text;
  if (plan.net_mode == 0) {
    text = "nameserver 127.0.0.11\n";
  } else if (!plan.dns_servers.empty()) {
    for (const auto& server : plan.dns_servers) text += "nameserver " + server + "\n";
  } else if (plan.net_mode == 2) {
    text = lines_of(host, "nameserver");
  }
  if (!plan.dns_search.empty()) {
    bool none = plan.dns_search.size() == 1 && plan.dns_search.front() == ".";
    if (!none) text += joined("search", plan.dns_search);
  } else {
    text += lines_of(host, "search");
  }
  if (!plan.dns_options.empty()) {
    text += joined("options", plan.dns_options);
  } else if (plan.net_mode == 0) {
    text += "options ndots:0\n";
  } else {
    text += lines_of(host, "options");
  }
  return text;
}

}  // namespace berth::runtime
