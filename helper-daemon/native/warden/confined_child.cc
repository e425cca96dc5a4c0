// Unpacking in a child that can reach nothing but the directory that it fills.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>

#include "common/syscalls.h"
#include "unpack/unpack.h"
#include "warden/server.h"

namespace berth::warden {

namespace {

constexpr size_t kMaxAnswer = 65536;

// The confined process itself, a child of the one that answers: it cannot remove its own directory.
Reply run_confined(int directory, int stream, const std::function<Reply(int, int)>& work) {
  BERTH_TRY_ASSIGN(auto pair, packet_pair());
  clone_args args{};
  args.exit_signal = SIGCHLD;
  pid_t pid = clone3(args);
  if (pid < 0) return sys_error("fork");
  if (pid == 0) {
    int socket = pair.second.get();
    std::array<int, 3> keep{stream, socket, directory};
    Status confined = unpack::confine_to_directory(directory, keep.data(), keep.size());
    Reply reply = confined.ok() ? work(stream, directory) : Reply(confined.error());
    ::_exit(send_packet(socket, encode_reply(reply)).ok() ? 0 : 1);
  }
  pair.second.reset();
  auto packet = receive_packet(pair.first.get(), kMaxAnswer);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!packet.ok()) return packet.error();
  if (packet->closed)
    return Error{"EIO",
                 "the process that unpacks was killed" +
                     (WIFSIGNALED(status) ? " by signal " + std::to_string(WTERMSIG(status)) : std::string()),
                 EIO};
  return decode_reply(packet->data);
}

}  // namespace

void Server::in_confined_child(uint32_t id, const std::vector<UniqueFd>& fds, std::string name,
                               std::function<Reply(int, int)> work) {
  in_child(
      id, fds, [name = std::move(name), work = std::move(work)](const std::vector<UniqueFd>& kept) -> Reply {
        int parent = kept[0].get();
        if (::mkdirat(parent, name.c_str(), 0755) != 0) return sys_error("make directory " + name);
        UniqueFd directory(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        Reply reply =
            directory ? run_confined(directory.get(), kept[1].get(), work) : Reply(sys_error("open " + name));
        if (!reply.ok()) {
          directory.reset();
          auto removed = unpack::remove_tree(parent, name);
          if (!removed.ok())
            return Error{
                reply.error().code,
                reply.error().message + "; and its remains could not be removed: " + removed.error().message,
                reply.error().errnum};
        }
        return reply;
      });
}

}  // namespace berth::warden
