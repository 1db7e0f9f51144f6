export { type DeliveryData, deliveryData } from './data.ts';
export { type DeliveryScope, type Hands, openHands } from './hands.ts';
export { type Delivery, lookAtDelivery, othersThatSee } from './look.ts';
export { proveNew } from './prove.ts';
export { restore } from './restore.ts';
export { deliverSchema } from './schema.ts';
export { tell } from './tell.ts';
export { backup, deliver, forget } from './write.ts';
