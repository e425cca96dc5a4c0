// stalled_client_probe MEGABYTES disconnects|stays: a process writes to two clients of its streams. One reads; the
// other takes nothing until the writer is done. Prints what each got, as JSON.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "runtime/stdio.h"

namespace {

using berth::EventLoop;
using berth::UniqueFd;
using berth::runtime::Connection;
using berth::runtime::Stdio;

constexpr uint64_t kStall = 200;

// The far end of a connection: counts what comes by stream.
struct Reader {
  UniqueFd socket;
  std::string in;
  std::array<size_t, 5> bytes{};
  std::string notice;
  bool output_after_notice = false;
  bool ended = false;

  void take(EventLoop& loop) {
    std::array<char, 65536> buffer;
    ssize_t n = ::recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n < 0) return;
    if (n == 0) {
      ended = true;
      loop.remove(socket.get());
      socket.reset();
      return;
    }
    in.append(buffer.data(), static_cast<size_t>(n));
    for (;;) {
      if (in.size() < 8) return;
      auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(in[i])); };
      size_t length = byte(4) << 24 | byte(5) << 16 | byte(6) << 8 | byte(7);
      if (in.size() < 8 + length) return;
      if (byte(0) == 1 && !notice.empty()) output_after_notice = true;
      if (byte(0) == 3) notice += in.substr(8, length);
      bytes.at(byte(0)) += length;
      in.erase(0, 8 + length);
    }
  }

  void watch(EventLoop& loop) {
    (void)loop.add(socket.get(), EPOLLIN, [this, &loop](uint32_t) { take(loop); });
  }

  void print(const char* name) const {
    std::printf("\"%s\":{\"output\":%zu,\"notice\":\"%s\",\"exit\":%zu,\"outputAfterNotice\":%s,\"cut\":%s}", name,
                bytes[1], notice.c_str(), bytes[4], output_after_notice ? "true" : "false",
                in.empty() ? "false" : "true");
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  size_t total = static_cast<size_t>(std::atoi(argv[1])) << 20;
  bool disconnects = std::strcmp(argv[2], "disconnects") == 0;
  auto loop = EventLoop::create();
  int pipe_ends[2];
  if (!loop.ok() || ::pipe(pipe_ends) != 0) return 1;
  pid_t writer = ::fork();
  if (writer == 0) {
    std::string block(65536, 'x');
    for (size_t done = 0; done < total; done += block.size())
      if (::write(pipe_ends[1], block.data(), block.size()) != static_cast<ssize_t>(block.size())) ::_exit(1);
    ::_exit(0);
  }
  ::close(pipe_ends[1]);
  Stdio::Ends ends;
  ends.output.reset(pipe_ends[0]);
  size_t logged = 0;
  Reader attentive;
  Reader stalled;
  Stdio* streams = nullptr;
  Stdio stdio(**loop, std::move(ends), berth::runtime::LagRule{"skipped", disconnects, kStall},
              [&](uint8_t, std::string_view data) {
                logged += data.size();
                if (logged < total) return;
                (*loop)->after(0, [&] { stalled.watch(**loop); });
                // The process ends some time after the client could have been told.
                (*loop)->after(500, [&] { streams->finish_clients(4, "code"); });
              });
  streams = &stdio;
  for (Reader* reader : {&attentive, &stalled}) {
    int sockets[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sockets) != 0) return 1;
    stdio.attach(Connection::create(**loop, UniqueFd(sockets[0])), berth::runtime::kStdout, false);
    reader->socket.reset(sockets[1]);
  }
  attentive.watch(**loop);
  if (!stdio.start().ok()) return 1;
  std::function<void()> check = [&] {
    if (attentive.ended && stalled.ended) return (*loop)->stop();
    (*loop)->after(5, check);
  };
  check();
  (*loop)->run();
  std::printf("{\"logged\":%zu,", logged);
  attentive.print("attentive");
  std::printf(",");
  stalled.print("stalled");
  std::printf("}\n");
  return 0;
}
