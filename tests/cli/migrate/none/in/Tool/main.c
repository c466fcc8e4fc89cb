#include <stdio.h>
#include <IOKit/IOKitLib.h>
int main(void) { return IOSleep(1); }
