#include <cstdio>

int main() {
  std::puts("other one");
  return 0;
}
