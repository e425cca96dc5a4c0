#include "runtime/tiny_init.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace berth::runtime {

namespace {

// Reaps everything that has ended; exits when the payload is among it.
void reap(pid_t payload) {
  for (;;) {
    int status = 0;
    pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid <= 0) return;
    if (pid == payload) ::_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  }
}

}  // namespace

void run_tiny_init(pid_t payload) {
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, nullptr);
  for (;;) {
    reap(payload);
    siginfo_t info{};
    int number = ::sigwaitinfo(&all, &info);
    if (number <= 0 || number == SIGCHLD) continue;
    ::kill(payload, number);
  }
}

}  // namespace berth::runtime
