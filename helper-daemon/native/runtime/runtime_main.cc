// berth-runtime: the launch code as a command.
#include <cstdio>
#include <cstring>

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    std::puts("berth-runtime 0.1.0\nspec: 1.2.0");
    return 0;
  }
  std::fputs(
      "berth-runtime: this version has only --version; containers are launched by berth-warden.\n"
      "To run one, use: berth run IMAGE\n",
      stderr);
  return 1;
}
