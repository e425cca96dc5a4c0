#include "runtime/program.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace berth::runtime {

namespace {

const char kDefaultPath[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::vector<char*> pointers(const std::vector<std::string>& list) {
  std::vector<char*> result;
  result.reserve(list.size() + 1);
  for (const auto& s : list) result.push_back(const_cast<char*>(s.c_str()));
  result.push_back(nullptr);
  return result;
}

Error explain(const std::string& name, int errnum, bool searched) {
  std::string quoted = "exec: \"" + name + "\": ";
  if (errnum == ENOENT && searched)
    return Error{"exec-not-found", quoted + "executable file not found in $PATH", errnum};
  if (errnum == ENOENT || errnum == ENOTDIR) {
    struct stat st {};
    if (::stat(name.c_str(), &st) == 0)
      return Error{"exec-not-found", quoted + "its interpreter or loader does not exist in this image",
                   errnum};
    return Error{"exec-not-found", quoted + "stat " + name + ": no such file or directory", errnum};
  }
  if (errnum == EACCES || errnum == EPERM) {
    struct stat st {};
    bool directory = ::stat(name.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
    return Error{"exec-not-permitted", quoted + (directory ? "is a directory" : "permission denied"), errnum};
  }
  if (errnum == ENOEXEC) return Error{"exec-not-permitted", quoted + "exec format error", errnum};
  return sys_error("exec: \"" + name + "\"", errnum);
}

}  // namespace

void add_home(std::vector<std::string>& env, const std::string& home) {
  bool has =
      std::any_of(env.begin(), env.end(), [](const std::string& e) { return e.rfind("HOME=", 0) == 0; });
  if (!has) env.push_back("HOME=" + home);
}

void reset_signals() {
  for (int number = 1; number < 32; ++number) {
    if (number != SIGKILL && number != SIGSTOP) ::signal(number, SIG_DFL);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

Status enter_directory(const std::string& cwd) {
  const std::string& path = cwd.empty() ? "/" : cwd;
  if (::chdir(path.c_str()) != 0) {
    Error error = sys_error("enter working directory " + path);
    if (error.errnum == ENOENT || error.errnum == ENOTDIR) error.code = "cwd-missing";
    return error;
  }
  // A directory that was reached through a leaked descriptor is "(unreachable)" from this root.
  std::array<char, 4097> real{};
  if (::getcwd(real.data(), real.size()) == nullptr || real[0] != '/')
    return Error{"cwd-missing", "working directory " + path + " lies outside the container's root", ENOENT};
  return ok_status();
}

Error execute(const std::vector<std::string>& args, const std::vector<std::string>& env) {
  auto argv = pointers(args);
  auto envp = pointers(env);
  const std::string& name = args.front();
  if (name.empty()) return explain(name, ENOENT, true);
  if (name.find('/') != std::string::npos) {
    ::execve(name.c_str(), argv.data(), envp.data());
    return explain(name, errno, false);
  }
  std::string path = kDefaultPath;
  for (const auto& e : env)
    if (e.rfind("PATH=", 0) == 0) path = e.substr(5);
  int seen = ENOENT;
  std::string refused = name;
  for (size_t at = 0; at <= path.size();) {
    size_t end = std::min(path.find(':', at), path.size());
    std::string directory = path.substr(at, end - at);
    at = end + 1;
    std::string candidate = (directory.empty() ? "." : directory) + "/" + name;
    ::execve(candidate.c_str(), argv.data(), envp.data());
    if (errno == ENOENT || errno == ENOTDIR) {
      struct stat st {};
      // The file is there: what is missing is its interpreter.
      if (::stat(candidate.c_str(), &st) == 0) return explain(candidate, ENOENT, false);
      continue;
    }
    seen = errno;
    refused = candidate;
    if (errno != EACCES) break;
  }
  return explain(seen == ENOENT ? name : refused, seen, seen == ENOENT);
}

}  // namespace berth::runtime
