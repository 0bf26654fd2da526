#pragma once

const char* Greeting();
