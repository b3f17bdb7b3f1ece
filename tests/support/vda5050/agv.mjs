// A vehicle of others: vda-5050-lib's virtual AGV, at a broker. `node agv.mjs SETTINGS` (JSON, see
// tests/support/foreign_vehicle.py). SIGTERM is its goodbye; the first line that it writes says that it runs.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const settings = JSON.parse(process.argv[2]);
const { AgvController, VirtualAgvAdapter } = createRequire(settings.packages + "/here.js")("vda-5050-lib");

// Theirs takes pallets of the type EPAL from floors, for 5 s. This one takes anything, and is quicker.
class HospitalAdapter extends VirtualAgvAdapter {
  get actionDefinitions() {
    return super.actionDefinitions.map((one) => {
      if (!["pick", "drop"].includes(one.actionType)) return one;
      const { RUNNING, INITIALIZING, ...others } = one.transitions;
      const initializing = { ...INITIALIZING, durationTime: 0.1 };
      const running = { ...RUNNING, durationTime: settings.handling_s };
      return {
        ...one,
        actionParameterConstraints: {},
        transitions: { ...others, INITIALIZING: initializing, RUNNING: running },
      };
    });
  }
}

const agv = new AgvController(
  { manufacturer: settings.manufacturer, serialNumber: settings.serial },
  {
    interfaceName: "uagv",
    vdaVersion: "2.0.0",
    transport: {
      brokerUrl: settings.broker,
      username: settings.user,
      password: settings.password,
      tlsOptions: { ca: readFileSync(settings.ca) },
      reconnectPeriod: 200,
    },
  },
  { agvAdapterType: HospitalAdapter, publishStateInterval: 1000, publishVisualizationInterval: 300 },
  {
    initialPosition: { mapId: settings.map, x: settings.x, y: settings.y, theta: 0, lastNodeId: settings.node },
    vehicleSpeed: settings.speed,
    initialBatteryCharge: settings.battery,
    batteryMaxReach: settings.reach_m,
    tickRate: 10,
  },
);
process.on("SIGTERM", () => agv.stop().then(() => process.exit(0)));
await agv.start();
console.log("it runs");
