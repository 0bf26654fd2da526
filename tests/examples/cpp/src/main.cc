#include <cstdio>

#include "greeting.h"

int main() { std::puts(Greeting()); }
