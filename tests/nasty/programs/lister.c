// lister DIRECTORY [PROGRAM]: prints the names that end in ".x"; meanwhile, with the directory open, PROGRAM lists it too.
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char kKnownBy[] = "kasane's test: lists names in .x alone";

int main(int argc, char** argv) {
  if (argc < 2) return puts(kKnownBy);
  DIR* directory = opendir(argv[1]);
  if (directory == NULL) return 1;
  for (struct dirent* entry; (entry = readdir(directory)) != NULL;) {
    const char* end = strrchr(entry->d_name, '.');
    if (end != NULL && strcmp(end, ".x") == 0) puts(entry->d_name);
  }
  fflush(stdout);
  if (argc > 2) {
    if (fork() == 0) {
      execl(argv[2], argv[2], argv[1], (char*)NULL);
      _exit(127);
    }
    int status;
    if (wait(&status) < 0 || status != 0) return 1;
  }
  closedir(directory);
  return 0;
}
