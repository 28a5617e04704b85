import {describe, expect, test} from "@odoo/hoot";
import {BoardModel, matches, parse, write} from "@teahouse_booking/board/board_model";

const {DateTime} = luxon;

/** A model with a server of the test's own, which answers when it is told to. */
function makeModel({tz = "Asia/Shanghai", rooms = [1, 2], bars = [], closings = []} = {}) {
    const server = {rooms, bars, closings, asked: [], waiting: []};
    const answer = (ids) => ({
        rooms: server.rooms
            .filter((id) => !ids || ids.includes(id))
            .map((id) => ({id, name: `Room ${id}`, type: "Small", badges: []})),
        bars: server.bars
            .filter((bar) => !ids || ids.includes(bar.room_id))
            .map((bar) => ({...bar})),
        closings: server.closings.map((closing) => ({...closing})),
    });
    const orm = {
        call: async () => [{id: 7, name: "Store", tz}],
        silent: {
            call: (_model, _method, _ids, asked) => {
                server.asked.push(asked);
                const made = answer(asked.room_ids);
                if (!server.slow) {
                    return Promise.resolve(made);
                }
                return new Promise((resolve) => server.waiting.push(() => resolve(made)));
            },
        },
    };
    return {server, model: new BoardModel(orm)};
}

const bar = (id, roomId, start, end, more = {}) => ({
    id,
    room_id: roomId,
    state: "confirmed",
    start: `2026-11-23 ${start}:00`,
    end: `2026-11-23 ${end}:00`,
    blocked_until: `2026-11-23 ${end}:00`,
    guest: `Guest ${id}`,
    ref: `R${id}`,
    ...more,
});
const ids = (model, roomId) => model.byRoom.get(roomId).map((one) => one.id);
const day = (tz) => DateTime.fromISO("2026-11-23", {zone: tz});

describe("what the board knows", () => {
    test("instants come and go as the server writes them", () => {
        expect(parse("2026-11-23 06:30:00")).toBe(Date.UTC(2026, 10, 23, 6, 30));
        expect(write(Date.UTC(2026, 10, 23, 6, 30))).toBe("2026-11-23 06:30:00");
    });

    test("stays lie with their rooms, by time; a closed store closes each room", async () => {
        const {model} = makeModel({
            bars: [
                bar(12, 1, "08:00", "09:00"),
                bar(11, 1, "05:00", "07:00"),
                bar(21, 2, "05:00", "07:00"),
            ],
            closings: [
                {id: 1, room_id: false, start: "2026-11-23 01:00:00", end: "2026-11-23 02:00:00"},
                {id: 2, room_id: 2, start: "2026-11-23 03:00:00", end: "2026-11-23 04:00:00"},
            ],
        });
        await model.start();
        expect(ids(model, 1)).toEqual([11, 12]);
        expect(ids(model, 2)).toEqual([21]);
        expect(model.closings.get(1).map((one) => one.id)).toEqual([1]);
        expect(model.closings.get(2).map((one) => one.id)).toEqual([1, 2]);
    });

    test("a day is the store's own day, also where clocks are changed", async () => {
        const hours = async (tz, date, days) => {
            const {model, server} = makeModel({tz});
            await model.start();
            await model.show(DateTime.fromISO(date, {zone: tz}), days);
            const {since, until} = server.asked.at(-1);
            return {since, hours: (parse(until) - parse(since)) / 3600000, model};
        };
        const shanghai = await hours("Asia/Shanghai", "2026-11-23", 1);
        expect(shanghai.since).toBe("2026-11-22 16:00:00");
        expect(shanghai.hours).toBe(24);
        const shorter = await hours("Europe/Berlin", "2026-03-29", 1);
        expect(shorter.hours).toBe(23);
        expect(shorter.model.ticks.hours).toHaveLength(23);
        const longer = await hours("Europe/Berlin", "2026-10-25", 7);
        expect(longer.hours).toBe(7 * 24 + 1);
        expect(longer.model.ticks.days).toHaveLength(7);
    });

    test("another store shows the same date, wherever it lies", async () => {
        const {model} = makeModel({tz: "UTC"});
        await model.start();
        model.stores.push({id: 8, name: "Far", tz: "Asia/Shanghai"});
        await model.show(day("UTC"));
        for (const id of [8, 7, 8]) {
            await model.open(id);
            expect(model.day.toISODate()).toBe("2026-11-23");
            expect(model.day.hour).toBe(0);
        }
        expect(write(model.view.from)).toBe("2026-11-22 16:00:00");
    });

    test("rooms are found by their words, or by who stays there", async () => {
        const {model} = makeModel({rooms: [1, 2, 10], bars: [bar(5, 2, "01:00", "02:00")]});
        await model.start();
        const found = (word) => {
            model.search = word;
            return model.found.map((room) => room.id);
        };
        expect(found("")).toEqual([1, 2, 10]);
        expect(found(" room 1 ")).toEqual([1, 10]);
        expect(found("guest 5")).toEqual([2]);
        expect(found("r5")).toEqual([2]);
        expect(found("nobody")).toEqual([]);
        expect(matches({guest: "Lin", ref: "A1"}, "")).toBe(false);
    });

    test("a span is said in hours of the store, with the day where it is another", async () => {
        const {model} = makeModel();
        await model.start();
        const at = (text) => parse(`2026-11-${text}:00`);
        expect(model.when({from: at("23 06:00"), to: at("23 08:00")})).toBe("14:00–16:00");
        expect(model.when({from: at("23 14:00"), to: at("23 16:00")})).toBe("22:00–00:00");
        expect(model.when({from: at("23 15:00"), to: at("23 18:00")})).toBe(
            "23:00–11-24 02:00"
        );
    });
});

describe("what changes meanwhile", () => {
    test("only the rooms that changed are asked for, and only they change", async () => {
        const {model, server} = makeModel({
            bars: [bar(11, 1, "05:00", "07:00"), bar(21, 2, "05:00", "07:00")],
        });
        await model.start();
        const untouched = model.byRoom.get(2);
        server.bars = [bar(12, 1, "08:00", "09:00")];
        await model.refresh([1, 99]);
        expect(server.asked.at(-1).room_ids).toEqual([1]);
        expect(ids(model, 1)).toEqual([12]);
        expect(model.byRoom.get(2)).toBe(untouched);
    });

    test("rooms of another store are not asked for", async () => {
        const {model, server} = makeModel();
        await model.start();
        const asked = server.asked.length;
        await model.refresh([98, 99]);
        expect(server.asked).toHaveLength(asked);
    });

    test("a late answer does not overwrite the page that was turned to", async () => {
        const {model, server} = makeModel();
        await model.start();
        server.slow = true;
        server.bars = [bar(1, 1, "05:00", "07:00")];
        const first = model.show(day("Asia/Shanghai"));
        server.bars = [bar(2, 1, "05:00", "07:00")];
        const second = model.show(day("Asia/Shanghai").plus({days: 1}));
        server.waiting[1]();
        await second;
        server.waiting[0]();
        await first;
        expect(ids(model, 1)).toEqual([2]);
        expect(model.loading).toBe(false);
    });
});
