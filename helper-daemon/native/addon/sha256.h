// SHA-256 by the OpenSSL that is inside the node binary (it uses SHA-NI and its kin where the processor has
// them).
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>

namespace berth::addon {

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) {
    ok_ = context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
  }
  void update(const void* data, size_t size) {
    // The analyzer takes OpenSSL's context for a string's buffer.
    // NOLINTNEXTLINE(clang-analyzer-cplusplus.InnerPointer)
    ok_ = ok_ && EVP_DigestUpdate(context_.get(), data, size) == 1;
  }
  // "sha256:<hex>", or "" if OpenSSL failed at any point. Once only.
  std::string finish() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (!ok_ || EVP_DigestFinal_ex(context_.get(), digest, &size) != 1) return {};
    static constexpr char kHex[] = "0123456789abcdef";
    std::string text = "sha256:";
    for (unsigned int i = 0; i < size; ++i) {
      text.push_back(kHex[digest[i] >> 4]);
      text.push_back(kHex[digest[i] & 15]);
    }
    return text;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
  bool ok_ = false;
};

}  // namespace berth::addon
