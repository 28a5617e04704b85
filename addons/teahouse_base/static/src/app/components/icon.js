import { Component, xml } from "@odoo/owl";

/** Line icons on a 24-unit grid. */
export const ICONS = {
    back: "M15 5l-7 7 7 7",
    chevron: "M9 5l7 7-7 7",
    close: "M6 6l12 12M18 6L6 18",
    home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
    calendar: "M5 6h14v14H5zM5 10h14M9 3v5M15 3v5",
    person: "M12 12a4 4 0 100-8 4 4 0 000 8zM4 21c0-4 4-6 8-6s8 2 8 6",
    bell: "M6 17V11a6 6 0 0112 0v6l2 2H4zM10 21h4",
    pin: "M12 21s7-6.2 7-11a7 7 0 10-14 0c0 4.800 7 11 7 11zM12 12.500a2.500 2.500 0 100-5 2.500 2.500 0 000 5z",
    search: "M11 18a7 7 0 100-14 7 7 0 000 14zM16 16l5 5",
    people: "M9 11a3.500 3.500 0 100-7 3.500 3.500 0 000 7zM2 20c0-4 3.500-6 7-6s7 2 7 6M16 4.500a3.500 3.500 0 010 6.500M18 14.500c2.500.8 4 2.700 4 5.500",
    clock: "M12 21a9 9 0 100-18 9 9 0 000 18zM12 7v5l3.500 2",
    door: "M6 21V3h12v18M3 21h18M14 12h.01",
    bulb: "M9 18h6M10 21h4M8 14a6 6 0 118 0c-1 1-1 2-1 4H9c0-2 0-3-1-4z",
    star: "M12 3l2.700 5.800 6.300.8-4.600 4.400 1.200 6.300L12 17.200 6.400 20.300l1.200-6.300L3 9.600l6.300-.8z",
    heart: "M12 20S4 15 4 9a4 4 0 018-1 4 4 0 018 1c0 6-8 11-8 11z",
    wallet: "M4 7h15v12H4zM4 7l11-3v3M15 13h4",
    check: "M5 13l4 4L19 7",
    phone: "M6 3h4l2 5-2.500 1.500a11 11 0 005 5L16 12l5 2v4c0 1.500-1.500 3-3 3A15 15 0 013 6c0-1.500 1.500-3 3-3z",
    wifi: "M3 9a13 13 0 0118 0M6 13a8.500 8.500 0 0112 0M9 16.500a4.500 4.500 0 016 0M12 20h.01",
    filter: "M4 6h16M7 12h10M10 18h4",
    list: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
    map: "M9 4L3 6.500v14L9 18l6 2.500 6-2.500V4l-6 2.500zM9 4v14M15 6.500v14",
    camera: "M4 8h4l2-3h4l2 3h4v11H4zM12 16.500a3.500 3.500 0 100-7 3.500 3.500 0 000 7z",
    receipt: "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6",
    leaf: "M5 19C5 9 11 4 20 4c0 9-5 15-13 15M5 21c1-5 4-9 9-11",
};

export class Icon extends Component {
    static template = xml`
        <svg class="th-icon" viewBox="0 0 24 24" aria-hidden="true" t-att-width="props.size" t-att-height="props.size">
            <path t-att-d="path"/>
        </svg>`;
    static props = { name: String, size: { type: Number, optional: true } };
    static defaultProps = { size: 22 };

    get path() {
        return ICONS[this.props.name];
    }
}
