#pragma once

const char *day_of_week(int year, int month, int day);
