// berth-warden: the small root process that does what needs root, exactly as berthd asks and no more.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "common/file.h"
#include "common/log.h"
#include "common/sealed_self.h"
#include "common/sha256.h"
#include "warden/server.h"

namespace {

using berth::Error;
using berth::Result;
using berth::Status;
using berth::UniqueFd;

struct Arguments {
  std::string root;
  std::string run;
  int fd = -1;
  std::string listen;
};

const char kUsage[] = "usage: berth-warden --root DIR --run DIR (--fd N | --listen PATH)";

Result<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    std::string_view name = argv[i];
    if (i + 1 >= argc) return Error{"bad-request", std::string(name) + " needs a value; " + kUsage, 0};
    std::string_view value = argv[++i];
    if (name == "--root") {
      arguments.root = value;
    } else if (name == "--run") {
      arguments.run = value;
    } else if (name == "--listen") {
      arguments.listen = value;
    } else if (name == "--fd") {
      auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), arguments.fd);
      if (error != std::errc() || end != value.data() + value.size() || arguments.fd < 3)
        return Error{"bad-request", "--fd must be the number of an open descriptor", 0};
    } else {
      return Error{"bad-request", "unknown option " + std::string(name) + "; " + kUsage, 0};
    }
  }
  if (arguments.root.empty() || arguments.run.empty() || (arguments.fd < 0) == arguments.listen.empty())
    return Error{"bad-request", kUsage, 0};
  return arguments;
}

Result<berth::warden::Environment> open_environment(const Arguments& arguments) {
  for (const auto* path : {&arguments.root, &arguments.run}) {
    if (path->front() != '/') return Error{"bad-request", "--root and --run must be absolute paths", 0};
    UniqueFd slash(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    auto made = berth::make_directories(slash.get(), path->substr(1), 0755);
    if (!made.ok() && made.error().errnum != ELOOP && made.error().errnum != ENOTDIR) return made.error();
  }
  if (::chmod(arguments.root.c_str(), 0700) != 0) return berth::sys_error("chmod " + arguments.root);
  std::string monitors = arguments.run + "/m";
  if (::mkdir(monitors.c_str(), 0700) != 0 && errno != EEXIST) return berth::sys_error("make " + monitors);
  BERTH_TRY_ASSIGN(auto root, berth::BaseDirectory::open(arguments.root));
  BERTH_TRY_ASSIGN(auto run, berth::BaseDirectory::open(arguments.run));
  BERTH_TRY_ASSIGN(auto hierarchies, berth::runtime::Hierarchies::discover());
  std::string group_parent = "berth/" + berth::sha256_hex(root.path()).substr(0, 8);
  return berth::warden::Environment{
      std::move(root), std::move(run), std::move(hierarchies), {}, std::move(group_parent)};
}

Result<UniqueFd> listen_on(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return Error{"bad-request", "--listen: the path is too long", 0};
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return berth::sys_error("socket");
  ::unlink(path.c_str());
  mode_t old = ::umask(0177);
  int bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  int errnum = errno;
  ::umask(old);
  if (bound != 0) return berth::sys_error("bind " + path, errnum);
  if (::listen(socket.get(), 8) != 0) return berth::sys_error("listen on " + path);
  return socket;
}

// Serves one peer after another: the listener is heard only while nobody is served.
class Listener {
 public:
  Listener(berth::EventLoop& loop, berth::warden::Server& server, UniqueFd socket)
      : loop_(loop), server_(server), socket_(std::move(socket)) {}
  Status start() {
    return loop_.add(socket_.get(), EPOLLIN, [this](uint32_t) { next(); });
  }

 private:
  void next() {
    UniqueFd peer(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!peer) return;
    loop_.remove(socket_.get());
    auto hear = [this] {
      Status heard = start();
      if (!heard.ok()) berth::log_line(berth::LogLevel::kError, heard.error().message);
    };
    Status served = server_.serve(std::move(peer), hear);
    if (served.ok()) return;
    berth::log_line(berth::LogLevel::kError, served.error().message);
    hear();
  }
  berth::EventLoop& loop_;
  berth::warden::Server& server_;
  UniqueFd socket_;
};

Result<UniqueFd> child_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return berth::sys_error("signalfd");
  return fd;
}

Status run(const Arguments& arguments) {
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(0022);
  // What a container may see of this process, and of the children that become it, ends here.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return berth::sys_error("make the process non-dumpable");
  ::prctl(PR_SET_NAME, "berth-warden");
  // What a killed monitor leaves behind is reaped here.
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return berth::sys_error("become a subreaper");
  if (::chdir("/") != 0) return berth::sys_error("enter /");
  BERTH_TRY_ASSIGN(auto environment, open_environment(arguments));
  BERTH_TRY_ASSIGN(auto loop, berth::EventLoop::create());
  BERTH_TRY_ASSIGN(UniqueFd signals, child_signals());
  berth::warden::Server server(*loop, std::move(environment));
  BERTH_TRY(loop->add(signals.get(), EPOLLIN, [&](uint32_t) {
    std::array<signalfd_siginfo, 16> drained;
    while (::read(signals.get(), drained.data(), sizeof(drained)) > 0) {
    }
    server.reap();
  }));
  if (arguments.fd >= 0) {
    BERTH_TRY(server.serve(UniqueFd(arguments.fd), [&] { loop->stop(); }));
    loop->run();
    berth::runtime::remove_empty_parents(server.environment().hierarchies, server.environment().group_parent);
    return berth::ok_status();
  }
  BERTH_TRY_ASSIGN(UniqueFd socket, listen_on(arguments.listen));
  Listener listener(*loop, server, std::move(socket));
  BERTH_TRY(listener.start());
  loop->run();
  return berth::ok_status();
}

}  // namespace

int main(int argc, char** argv, char** environment) {
  berth::log_as("warden", "");
  auto fail = [](const Error& error) {
    berth::log_line(berth::LogLevel::kError, error.message);
    return 1;
  };
  auto arguments = parse(argc, argv);
  if (!arguments.ok()) return fail(arguments.error());
  Status sealed = berth::run_sealed(argv, environment);
  if (!sealed.ok()) return fail(sealed.error());
  Status status = run(*arguments);
  return status.ok() ? 0 : fail(status.error());
}
