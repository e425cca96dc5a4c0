// Calls the unpack room's functions for the tests: `tree-probe VERB DIRECTORY [numbers…]`, streams on stdin
// and stdout, the result as one JSON line on stderr. Verbs that the warden runs confined are confined here as
// well.
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "unpack/unpack.h"

namespace {

using namespace berth;

void print_totals(const Result<unpack::Totals>& result) {
  if (result.ok()) {
    dprintf(2, "{\"entries\":%llu,\"bytes\":%llu}\n", static_cast<unsigned long long>(result.value().entries),
            static_cast<unsigned long long>(result.value().bytes));
  }
}

template <typename T>
int finish(const Result<T>& result) {
  if (result.ok()) return 0;
  std::string message;
  for (char c : result.error().message)
    message += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  dprintf(2, "{\"code\":\"%s\",\"message\":\"%s\"}\n", result.error().code.c_str(), message.c_str());
  return 1;
}

int count_result(const Result<uint64_t>& result) {
  if (result.ok()) dprintf(2, "{\"count\":%llu}\n", static_cast<unsigned long long>(result.value()));
  return finish(result);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string verb = argv[1];
  UniqueFd directory(open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return finish(Status(sys_error("open")));
  std::vector<uint64_t> numbers;
  if (verb != "remove") {
    for (int i = 3; i < argc; ++i) numbers.push_back(std::strtoull(argv[i], nullptr, 10));
    Status confined = unpack::confine_to_directory(directory.get(), nullptr, 0);
    if (!confined.ok()) return finish(confined);
    directory.release();  // closed by the confinement
    directory.reset(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) return finish(Status(sys_error("open /")));
  }
  if (verb == "unpack" && numbers.size() == 2) {
    auto result = unpack::unpack_tar(0, directory.get(), {numbers[0], numbers[1]});
    print_totals(result);
    return finish(result);
  }
  if (verb == "tar") {
    auto result = unpack::tar_tree(directory.get(), 1);
    print_totals(result);
    return finish(result);
  }
  if (verb == "measure") {
    auto result = unpack::measure_tree(directory.get());
    print_totals(result);
    return finish(result);
  }
  if (verb == "own" && numbers.size() == 4) {
    auto number = [&](size_t i) { return static_cast<uint32_t>(numbers[i]); };
    return count_result(unpack::own_tree(directory.get(), number(0), number(1), number(2), number(3)));
  }
  if (verb == "remove" && argc == 4) return count_result(unpack::remove_tree(directory.get(), argv[3]));
  if (verb == "escape") {
    // What a parser that was taken over would try; the exit code says whether anything of it worked.
    const bool escaped = chroot("/") == 0 || execl("/bin/sh", "sh", nullptr) == 0 ||
                         open("/proc/self/status", O_RDONLY) >= 0 || unshare(0) == 0 || setuid(1) == 0;
    return escaped ? 1 : 0;
  }
  return 2;
}
