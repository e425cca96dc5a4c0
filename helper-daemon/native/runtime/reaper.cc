#include "runtime/reaper.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <array>

namespace berth::runtime {

namespace {
constexpr size_t kMaxEarly = 256;  // adopted orphans that nobody asks for
}

Result<std::unique_ptr<Reaper>> Reaper::create(EventLoop& loop) {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGCHLD);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return sys_error("block SIGCHLD");
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return sys_error("signalfd");
  std::unique_ptr<Reaper> reaper(new Reaper(loop, std::move(fd)));
  Reaper* raw = reaper.get();
  BERTH_TRY(loop.add(raw->signals_.get(), EPOLLIN, [raw](uint32_t) { raw->reap(); }));
  return reaper;
}

Reaper::~Reaper() {
  loop_.remove(signals_.get());
}

void Reaper::reap() {
  std::array<signalfd_siginfo, 16> drained;
  while (::read(signals_.get(), drained.data(), sizeof(drained)) > 0) {
  }
  for (;;) {
    int status = 0;
    pid_t pid = ::waitpid(-1, &status, WNOHANG | __WALL);
    if (pid <= 0) return;
    auto it = handlers_.find(pid);
    if (it == handlers_.end()) {
      if (early_.size() >= kMaxEarly) early_.erase(early_.begin());
      early_[pid] = status;
      continue;
    }
    Handler handler = std::move(it->second);
    handlers_.erase(it);
    handler(status);
  }
}

void Reaper::on_exit(pid_t pid, Handler handler) {
  auto it = early_.find(pid);
  if (it == early_.end()) {
    handlers_[pid] = std::move(handler);
    return;
  }
  int status = it->second;
  early_.erase(it);
  loop_.after(0, [handler = std::move(handler), status] { handler(status); });
}

}  // namespace berth::runtime
