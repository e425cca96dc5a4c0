// Finding and executing a program inside the container.
#pragma once

#include <string>
#include <vector>

#include "common/result.h"

namespace berth::runtime {

// Goes to `cwd`, or "cwd-missing". The place is checked to be inside the root.
Status enter_directory(const std::string& cwd);

// Looks args[0] up in the PATH of `env` as execvp does and executes it; returns only on failure:
// "exec-not-found" or "exec-not-permitted" in the words that Docker's users know, else the errno.
Error execute(const std::vector<std::string>& args, const std::vector<std::string>& env);

// Adds HOME when it is missing.
void add_home(std::vector<std::string>& env, const std::string& home);

// Default signal dispositions and an empty mask, as a fresh process has them.
void reset_signals();

}  // namespace berth::runtime
