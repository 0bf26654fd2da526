#include "greeting.h"

const char* Greeting() { return "hello"; }
