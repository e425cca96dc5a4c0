// A container's life in its monitor: start, exit, and what is put away afterwards.
#include <fcntl.h>
#include <signal.h>

#include <algorithm>

#include "common/log.h"
#include "common/syscalls.h"
#include "common/wire.h"
#include "runtime/exec_session.h"
#include "runtime/launch_sync.h"
#include "runtime/monitor.h"

namespace berth::runtime {

namespace {

constexpr uint8_t kOk = 0;
constexpr uint8_t kStarted = 20;
constexpr uint8_t kExited = 22;
// A control group's last process may still be leaving; the kernel offers version 1 no event for it.
constexpr int kRemoveAttempts = 200;
constexpr uint64_t kRemoveIntervalMs = 5;
// How often it is looked whether all clients have fetched the last output; at first, and at most.
constexpr uint64_t kLingerCheckMs = 5;
constexpr uint64_t kMaxLingerCheckMs = 1000;

int32_t code_of(const Error& error) {
  if (error.code == "exec-not-found") return 127;
  return error.code == "exec-not-permitted" ? 126 : 128;
}

}  // namespace

void Monitor::start(const std::shared_ptr<Connection>& client) {
  if (state_ == State::kExited)
    return client->send_error(Error{"not-running", "the container has ended", ESRCH});
  if (state_ == State::kRunning) return client->send_frame(kOk);
  if (start_requested_)
    return client->send_error(Error{"bad-request", "the container is being started already", EALREADY});
  start_requested_ = true;
  starter_ = client;
  Status sent = send_word(launched_.sync.get(), kSyncStart);
  // Its process is gone: the exit is on its way and answers.
  if (!sent.ok()) log_line(LogLevel::kWarn, "start: " + sent.error().message);
}

void Monitor::on_sync() {
  auto word = receive_word(launched_.sync.get());
  if (word.ok() && word->word == kSyncExecuting) {
    executing_ = true;
    return;
  }
  loop_->remove(launched_.sync.get());
  launched_.sync.reset();
  if (word.ok() && word->word == kSyncError) {
    start_error_ = word->error;
  } else if (executing_) {
    state_ = State::kRunning;
    tell(kStarted, {});
  } else {
    start_error_ = Error{"ESRCH", "the container's first process ended before it could start", ESRCH};
  }
  if (!starter_) return;
  if (state_ == State::kRunning) {
    starter_->send_frame(kOk);
  } else {
    starter_->send_error(start_error_);
  }
  starter_.reset();
}

void Monitor::on_exit(int wait_status) {
  if (launched_.sync) {
    on_sync();  // what it said last
    if (launched_.sync) on_sync();
  }
  exit_ = exit_status(wait_status);
  if (!start_error_.code.empty() && exit_.signal == 0) exit_.code = code_of(start_error_);
  exit_.oom_killed = launched_.group.oom_kills() > 0;
  state_ = State::kExited;
  // With a pid namespace of its own everything is dead by now; with the host's this ends what it left behind.
  Status killed = launched_.group.kill();
  if (!killed.ok()) log_line(LogLevel::kWarn, killed.error().message);
  settle();
}

void Monitor::settle() {
  stdio_->drain();
  Status written = write_exit_file(launched_.directory.get(), exit_);
  if (!written.ok()) log_line(LogLevel::kError, written.error().message);
  names_.reset();
  ports_.reset();
  oom_.reset();
  remove_group(0);
}

void Monitor::remove_group(int attempt) {
  Status removed = launched_.group.remove();
  if (!removed.ok() && attempt < kRemoveAttempts) {
    if (attempt % 20 == 10) (void)launched_.group.kill();
    loop_->after(kRemoveIntervalMs, [this, attempt] { remove_group(attempt + 1); });
    return;
  }
  if (!removed.ok()) log_line(LogLevel::kError, removed.error().message);
  remove_groups_parents();
  loop_->remove(listener_.get());
  ::unlinkat(socket_directory_.get(), socket_name_.c_str(), 0);
  accept_clients();  // who connected in the last moment gets an answer, too
  listener_.reset();
  tell(kExited, encode(exit_));
  auto watchers = watchers_;
  for (const auto& watcher : watchers) watcher->finish();
  stdio_->finish_clients();
  end_when_told(kLingerCheckMs);
}

// A warden that lives will need them for its next container; one that has ended cannot remove them itself.
void Monitor::remove_groups_parents() {
  if (::getppid() != warden_) launched_.group.remove_empty_parents(plan_.cgroup_path);
}

// A client that is connected gets what is its own, however slowly it reads: nothing else waits for this.
void Monitor::end_when_told(uint64_t wait_ms) {
  bool waiting = !execs_.empty();
  for (const auto& client : clients_) {
    auto alive = client.lock();
    if (alive && !alive->done()) waiting = true;
  }
  if (!waiting) return loop_->stop();
  loop_->after(wait_ms, [this, next = std::min(wait_ms * 2, kMaxLingerCheckMs)] { end_when_told(next); });
}

}  // namespace berth::runtime
