#include <cstdio>

int main() {
  std::puts("server one");
  return 0;
}
