// The device list of a version 2 control group: a small BPF program, since that kind has no file for it.
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

#include "common/fd.h"
#include "runtime/device_rules.h"

namespace berth::runtime {

namespace {

constexpr uint8_t kAll = kMknod | kRead | kWrite;

bpf_insn instruction(int code, uint8_t to, uint8_t from, int16_t offset, int64_t value) {
  bpf_insn insn{};
  insn.code = static_cast<uint8_t>(code);
  insn.dst_reg = to & 0xf;
  insn.src_reg = from & 0xf;
  insn.off = offset;
  insn.imm = static_cast<int32_t>(value);
  return insn;
}

// Registers: 1 the context {u32 access << 16 | type, u32 major, u32 minor}; 2 type, 3 access, 4 major, 5
// minor.
std::vector<bpf_insn> prologue() {
  constexpr int kLoad = BPF_LDX | BPF_MEM | BPF_W;
  return {instruction(kLoad, 2, 1, 0, 0), instruction(BPF_ALU | BPF_AND | BPF_K, 2, 0, 0, 0xffff),
          instruction(kLoad, 3, 1, 0, 0), instruction(BPF_ALU | BPF_RSH | BPF_K, 3, 0, 0, 16),
          instruction(kLoad, 4, 1, 4, 0), instruction(kLoad, 5, 1, 8, 0)};
}

// Allows and ends if the rule fits; else goes on behind it.
std::vector<bpf_insn> compile(const DeviceRule& rule) {
  constexpr int kJumpIfNot = BPF_JMP | BPF_JNE | BPF_K;
  std::vector<bpf_insn> body{
      instruction(kJumpIfNot, 2, 0, 0, rule.block ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR)};
  if (rule.access != kAll) {
    body.push_back(instruction(BPF_ALU | BPF_MOV | BPF_X, 1, 3, 0, 0));
    body.push_back(instruction(BPF_ALU | BPF_AND | BPF_K, 1, 0, 0, rule.access));
    body.push_back(instruction(BPF_JMP | BPF_JNE | BPF_X, 1, 3, 0, 0));
  }
  if (rule.major >= 0) body.push_back(instruction(kJumpIfNot, 4, 0, 0, rule.major));
  if (rule.minor >= 0) body.push_back(instruction(kJumpIfNot, 5, 0, 0, rule.minor));
  body.push_back(instruction(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1));
  body.push_back(instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
  for (size_t i = 0; i < body.size(); ++i)
    if ((body[i].code & 0xf0) == BPF_JNE && (body[i].code & 0x07) == BPF_JMP)
      body[i].off = static_cast<int16_t>(body.size() - i - 1);
  return body;
}

long bpf(int command, bpf_attr& attr) {
  return ::syscall(SYS_bpf, command, &attr, sizeof(attr));
}

}  // namespace

Status allow_devices_v2(int dir, const std::vector<DeviceRule>& rules) {
  std::vector<bpf_insn> program = prologue();
  for (const auto& rule : rules) {
    auto body = compile(rule);
    program.insert(program.end(), body.begin(), body.end());
  }
  program.push_back(instruction(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0));
  program.push_back(instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));

  static const char license[] = "Dual MIT/GPL";
  bpf_attr load{};
  load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  load.insns = reinterpret_cast<uintptr_t>(program.data());
  load.insn_cnt = static_cast<uint32_t>(program.size());
  load.license = reinterpret_cast<uintptr_t>(license);
  UniqueFd loaded(static_cast<int>(bpf(BPF_PROG_LOAD, load)));
  if (!loaded) return sys_error("load the device program");
  bpf_attr attach{};
  attach.target_fd = static_cast<uint32_t>(dir);
  attach.attach_bpf_fd = static_cast<uint32_t>(loaded.get());
  attach.attach_type = BPF_CGROUP_DEVICE;
  attach.attach_flags = BPF_F_ALLOW_MULTI;
  if (bpf(BPF_PROG_ATTACH, attach) != 0) return sys_error("attach the device program");
  return ok_status();
}

}  // namespace berth::runtime
