#include "runtime/exec_session.h"

#include <fcntl.h>
#include <signal.h>

#include "common/descriptor_passing.h"
#include "common/file.h"
#include "common/log.h"
#include "common/syscalls.h"
#include "runtime/exec_process.h"
#include "runtime/exit_file.h"
#include "runtime/launch_sync.h"
#include "runtime/monitor.h"

namespace berth::runtime {

namespace {

constexpr uint8_t kOk = 0;
constexpr uint8_t kExitStream = 4;

Result<std::pair<UniqueFd, UniqueFd>> make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return sys_error("make a pipe");
  return std::make_pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

// The pid that a pidfd stands for, in this process's pid namespace; -1 when it has been reaped.
pid_t pid_of(int pidfd) {
  auto info = read_file_at(AT_FDCWD, "/proc/self/fdinfo/" + std::to_string(pidfd), 4096);
  if (!info.ok()) return -1;
  size_t at = info->find("Pid:");
  return at == std::string::npos ? -1 : static_cast<pid_t>(std::strtol(info->c_str() + at + 4, nullptr, 10));
}

}  // namespace

Result<ExecRequest> decode_exec(std::string_view fields) {
  Reader in(fields);
  ExecRequest r;
  r.id = in.str();
  r.flags = in.u32();
  r.args = in.strs();
  r.env = in.strs();
  r.cwd = in.str();
  r.user = in.str();
  r.height = in.u16();
  r.width = in.u16();
  r.capabilities = in.u64();
  if (!in.at_end() || r.id.empty() || r.args.empty())
    return Error{"bad-request", "the exec request is incomplete", EINVAL};
  for (const auto* list : {&r.args, &r.env})
    for (const auto& s : *list)
      if (s.find('\0') != std::string::npos)
        return Error{"bad-request", "an argument or variable contains a NUL byte", EINVAL};
  return r;
}

ExecSession::~ExecSession() {
  if (sync_) monitor_.loop().remove(sync_.get());
}

Status ExecSession::start() {
  UniqueFd input;
  UniqueFd output;
  UniqueFd error;
  if ((request_.flags & kExecTty) == 0) {
    if ((request_.flags & kExecStdin) != 0) {
      BERTH_TRY_ASSIGN(auto in, make_pipe());
      input = std::move(in.first);
      ends_.input = std::move(in.second);
    } else {
      input.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
      if (!input) return sys_error("open /dev/null");
    }
    BERTH_TRY_ASSIGN(auto out, make_pipe());
    BERTH_TRY_ASSIGN(auto err, make_pipe());
    ends_.output = std::move(out.first);
    ends_.error = std::move(err.first);
    output = std::move(out.second);
    error = std::move(err.second);
  }
  BERTH_TRY_ASSIGN(auto pair, packet_pair());
  sync_ = std::move(pair.first);
  clone_args args{};
  args.exit_signal = SIGCHLD;
  pid_t helper = clone3(args);
  if (helper < 0) return sys_error("fork for an exec");
  if (helper == 0) {
    sync_.reset();
    run_exec_helper(monitor_.plan(), monitor_.container(), request_,
                    ExecStreams{input.get(), output.get(), error.get()}, pair.second.get());
  }
  monitor_.reaper().on_exit(helper, [](int) {});
  return monitor_.loop().add(sync_.get(), EPOLLIN,
                             [self = shared_from_this()](uint32_t) { self->on_sync(); });
}

void ExecSession::on_sync() {
  auto word = receive_word(sync_.get());
  if (word.ok() && word->word == kSyncPid) {
    pidfd_ = std::move(word->fd);
    pid_ = pid_of(pidfd_.get());
    if (pid_ > 0)
      monitor_.reaper().on_exit(pid_, [self = shared_from_this()](int status) { self->on_exit(status); });
    if (joined_) (void)send_word(sync_.get(), kSyncStart);
    return;
  }
  if (word.ok() && word->word == kSyncReady) {
    ends_.terminal = std::move(word->fd);
    give_streams(word->value);
    joined_ = true;
    if (pidfd_) (void)send_word(sync_.get(), kSyncStart);
    return;
  }
  if (word.ok() && word->word == kSyncExecuting) {
    executing_ = true;
    return;
  }
  monitor_.loop().remove(sync_.get());
  sync_.reset();
  if (word.ok() && word->word == kSyncError) {
    failed(word->error);
  } else if (executing_) {
    executed();
  } else {
    failed(Error{"not-running", "the container ended before the command could start", ESRCH});
  }
}

// The pipes belong to the command's user, who must be able to open /dev/stdout again. Only the monitor may
// give them away.
void ExecSession::give_streams(uint32_t uid) {
  const Plan& plan = monitor_.plan();
  uint32_t owner = plan.has(kUserNamespace) ? plan.id_base + uid : uid;
  for (const UniqueFd* fd : {&ends_.input, &ends_.output, &ends_.error}) {
    if (*fd && ::fchown(fd->get(), owner, static_cast<gid_t>(-1)) != 0)
      log_line(LogLevel::kWarn, sys_error("give a command's streams to its user").message);
  }
}

void ExecSession::executed() {
  LagRule lag{"berth: this client took no output for " + std::to_string(kStallMs / 1000) +
                  " seconds, so the command went on without it; what it wrote from here on was skipped",
              false};
  stdio_ = std::make_unique<Stdio>(monitor_.loop(), std::move(ends_), std::move(lag), nullptr);
  Writer out;
  out.u32(static_cast<uint32_t>(pid_));
  client_->send_frame(kOk, out.data());
  if (!client_->closed()) {
    uint8_t streams = kStdout | kStderr | ((request_.flags & kExecStdin) != 0 ? kStdin : 0);
    stdio_->attach(client_, streams, true);
  }
  client_.reset();
  (void)stdio_->start();
}

void ExecSession::failed(const Error& error) {
  if (client_) client_->send_error(error);
  client_.reset();
  if (pid_ <= 0) end();  // else its exit ends the session
}

void ExecSession::on_exit(int wait_status) {
  // The last words may still lie in the socket.
  while (sync_) on_sync();
  if (ended_) return;
  if (stdio_) {
    stdio_->drain();
    auto code = static_cast<uint32_t>(exit_status(wait_status).code);
    const char bytes[4] = {static_cast<char>(code), static_cast<char>(code >> 8),
                           static_cast<char>(code >> 16), static_cast<char>(code >> 24)};
    stdio_->finish_clients(kExitStream, std::string_view(bytes, 4));
  }
  end();
}

void ExecSession::end() {
  ended_ = true;
  // Not now: this may run inside a callback of the streams.
  auto self = shared_from_this();
  monitor_.loop().after(0, [self] { self->monitor_.forget_exec(self->request_.id); });
}

void ExecSession::resize(uint16_t height, uint16_t width) {
  if (stdio_) stdio_->resize(height, width);
}

Status ExecSession::kill(int signal) {
  if (ended_ || !pidfd_) return Error{"no-such-exec", "the command has ended", ESRCH};
  if (pidfd_send_signal(pidfd_.get(), signal) != 0) return sys_error("signal the command");
  return ok_status();
}

// ---- the monitor's requests about execs ----

void Monitor::exec(const std::shared_ptr<Connection>& client, std::string_view fields) {
  auto request = decode_exec(fields);
  if (!request.ok()) return client->send_error(request.error());
  if (state_ != State::kRunning)
    return client->send_error(Error{"not-running", "the container is not running", ESRCH});
  if (execs_.contains(request->id))
    return client->send_error(Error{"bad-request", "this exec runs already", EEXIST});
  std::string id = request->id;
  auto session = std::make_shared<ExecSession>(*this, request.take(), client);
  Status started = session->start();
  if (!started.ok()) return client->send_error(started.error());
  execs_[id] = std::move(session);
}

void Monitor::exec_resize(const std::shared_ptr<Connection>& client, const std::string& id, uint16_t height,
                          uint16_t width) {
  auto it = execs_.find(id);
  if (it == execs_.end()) return client->send_error(Error{"no-such-exec", "the command has ended", ESRCH});
  it->second->resize(height, width);
  client->send_frame(kOk);
}

void Monitor::exec_kill(const std::shared_ptr<Connection>& client, const std::string& id, uint32_t signal) {
  auto it = execs_.find(id);
  if (it == execs_.end()) return client->send_error(Error{"no-such-exec", "the command has ended", ESRCH});
  Status status = signal > 64 ? Status(Error{"bad-request", "there is no such signal", EINVAL})
                              : it->second->kill(static_cast<int>(signal));
  if (!status.ok()) return client->send_error(status.error());
  client->send_frame(kOk);
}

}  // namespace berth::runtime
