#include "CCLI11.h"
