// SHA-256 (FIPS 180-4) of short strings: names that several helpers on one machine keep apart by.
// Content of images is hashed elsewhere, by OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace berth {

// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view data);

}  // namespace berth
