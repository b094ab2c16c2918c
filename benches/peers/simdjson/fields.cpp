// The yardstick: simdjson On-Demand reading eight ECS fields of every event of an NDJSON file.
//
// The least work that any detector has to do: `iterate_many` in batches of 1 MB, one pass over the fields of each
// object, descending only where one of the eight lies, nested and dotted spellings, strings unescaped. Prints the median
// throughput of seven passes over the preloaded file, the slowest and the fastest; with --json, the seconds of each.
//
//   g++ -O3 -march=native -o fields fields.cpp -lsimdjson && ./fields events.ndjson [--json]

#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <vector>

namespace {

using simdjson::ondemand::json_type;
using simdjson::ondemand::object;
using simdjson::ondemand::value;

struct Totals {
    size_t events = 0;
    size_t values = 0;
    size_t bytes = 0;
    size_t errors = 0;
};

// A wanted scalar, or an array of them.
void take(value wanted, Totals &totals) {
    switch (wanted.type()) {
    case json_type::string: {
        std::string_view text = wanted.get_string();
        totals.values++;
        totals.bytes += text.size();
        break;
    }
    case json_type::array:
        for (value element : wanted.get_array()) {
            take(element, totals);
        }
        break;
    default:
        break;
    }
}

bool one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// An object in which the given keys are wanted.
void take_members(value inner, std::initializer_list<std::string_view> keys, Totals &totals) {
    if (inner.type() != json_type::object) {
        return;
    }
    for (auto field : inner.get_object()) {
        std::string_view key = field.unescaped_key();
        if (one_of(key, keys)) {
            take(field.value(), totals);
        }
    }
}

void take_host(value inner, Totals &totals) {
    if (inner.type() != json_type::object) {
        return;
    }
    for (auto field : inner.get_object()) {
        std::string_view key = field.unescaped_key();
        if (key == "os") {
            take_members(field.value(), {"type"}, totals);
        } else if (key == "os.type") {
            take(field.value(), totals);
        }
    }
}

void take_event(object event, Totals &totals) {
    for (auto field : event) {
        std::string_view key = field.unescaped_key();
        if (key == "event") {
            take_members(field.value(), {"category", "type", "action"}, totals);
        } else if (key == "host") {
            take_host(field.value(), totals);
        } else if (key == "process") {
            take_members(field.value(), {"name", "executable", "command_line"}, totals);
        } else if (key == "user") {
            take_members(field.value(), {"name"}, totals);
        } else if (one_of(key, {"event.category", "event.type", "event.action", "host.os.type", "process.name",
                                "process.executable", "process.command_line", "user.name"})) {
            take(field.value(), totals);
        }
    }
}

Totals read_all(simdjson::ondemand::parser &parser, const simdjson::padded_string &text) {
    Totals totals;
    simdjson::ondemand::document_stream stream;
    if (parser.iterate_many(text, 1'000'000).get(stream)) {
        totals.errors++;
        return totals;
    }
    for (auto document : stream) {
        try {
            take_event(document.get_object(), totals);
            totals.events++;
        } catch (const simdjson::simdjson_error &) {
            totals.errors++;
        }
    }
    return totals;
}

} // namespace

int main(int count, char **arguments) {
    bool json = count == 3 && std::string_view(arguments[2]) == "--json";
    if (count != 2 && !json) {
        std::fprintf(stderr, "usage: fields FILE [--json]\n");
        return 2;
    }
    simdjson::padded_string text;
    if (simdjson::padded_string::load(arguments[1]).get(text)) {
        std::fprintf(stderr, "cannot read %s\n", arguments[1]);
        return 1;
    }
    simdjson::ondemand::parser parser;
    Totals totals = read_all(parser, text);
    std::vector<double> times;
    std::vector<double> rates;
    for (int pass = 0; pass < 7; pass++) {
        auto start = std::chrono::steady_clock::now();
        totals = read_all(parser, text);
        std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
        times.push_back(elapsed.count());
        rates.push_back(static_cast<double>(text.size()) / 1e6 / elapsed.count());
    }
    if (json) {
        std::printf("{\"version\":\"%s\",\"implementation\":\"%s\",\"bytes\":%zu,\"events\":%zu,\"values\":%zu,\"errors\":%zu,"
                    "\"seconds\":[",
                    SIMDJSON_STRINGIFY(SIMDJSON_VERSION), simdjson::get_active_implementation()->name().c_str(),
                    text.size(), totals.events, totals.values, totals.errors);
        for (size_t pass = 0; pass < times.size(); pass++) {
            std::printf("%s%.6f", pass == 0 ? "" : ",", times[pass]);
        }
        std::printf("]}\n");
        return 0;
    }
    std::sort(rates.begin(), rates.end());
    std::printf("simdjson %s (%s): %.0f MB/s (%.0f to %.0f), %zu events, %zu values of %zu bytes, %zu errors\n",
                SIMDJSON_STRINGIFY(SIMDJSON_VERSION), simdjson::get_active_implementation()->name().c_str(), rates[3],
                rates.front(), rates.back(), totals.events, totals.values, totals.bytes, totals.errors);
    return 0;
}
