#include "runtime/launch_sync.h"

#include "common/wire.h"

namespace berth::runtime {

namespace {
constexpr size_t kMaxWord = 16384;
}

Status send_word(int socket, char word, int fd, uint32_t value) {
  std::vector<int> fds;
  if (fd >= 0) fds.push_back(fd);
  Writer out;
  out.u8(static_cast<uint8_t>(word));
  out.u32(value);
  return send_packet(socket, out.data(), fds);
}

Status send_error(int socket, const Error& error) {
  Writer out;
  out.u8(static_cast<uint8_t>(kSyncError));
  out.str(error.code);
  out.str(error.message.substr(0, kMaxWord / 2));
  out.i32(error.errnum);
  return send_packet(socket, out.data());
}

Result<SyncWord> receive_word(int socket) {
  BERTH_TRY_ASSIGN(Packet packet, receive_packet(socket, kMaxWord));
  SyncWord word;
  if (packet.closed) return word;
  Reader in(packet.data);
  word.word = static_cast<char>(in.u8());
  if (word.word == kSyncError) {
    word.error.code = in.str();
    word.error.message = in.str();
    word.error.errnum = in.i32();
  } else {
    word.value = in.u32();
  }
  if (!packet.fds.empty()) word.fd = std::move(packet.fds.front());
  return word;
}

Result<UniqueFd> expect_word(int socket, char word, const std::string& whose) {
  BERTH_TRY_ASSIGN(SyncWord received, receive_word(socket));
  if (received.word == kSyncError) return received.error;
  if (received.word == 0) return Error{"ESRCH", whose + " ended early", ESRCH};
  if (received.word != word) return Error{"EPROTO", whose + " said something unexpected", EPROTO};
  return std::move(received.fd);
}

}  // namespace berth::runtime
